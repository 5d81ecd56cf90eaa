"""How limits are counted: alike at the authority, in every gateway and in stores that they share."""
