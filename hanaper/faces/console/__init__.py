"""What people see in a browser. This release: sign-in, access keys, where to go; the console comes next."""
