"""Houses that earlier versions left behind, and what was in them."""
