"""What an upstream may be, what it comes to, and how a credential is proven."""
