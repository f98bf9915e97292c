"""PCA Certificate Management: private CAs and what they issue (SPEC section 3)."""
