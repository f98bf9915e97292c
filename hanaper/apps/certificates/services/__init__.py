"""What can be done with certificates, a file a group of verbs; import what you need from its file."""
