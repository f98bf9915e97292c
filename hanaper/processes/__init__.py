"""The processes of one machine: web, worker, sandbox card provider, and the supervisor above them."""
