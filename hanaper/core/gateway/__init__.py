"""What is true of a gateway by rule: GRCQ, domains, how a site behaves, and how requests are counted."""
