"""What a request costs, in bytecode instructions of the product's own code."""
