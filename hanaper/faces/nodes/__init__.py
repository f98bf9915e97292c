"""What gateway nodes ask and say: plain JSON with a token of their own; no session, no person."""
