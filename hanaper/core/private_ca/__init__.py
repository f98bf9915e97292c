"""What a private CA may issue: names in one canonical form, templates, name constraints. No keys here."""
