"""What is true of an SSL certificate by rule: states, names, requests, terms and profiles."""
