"""What Cedar is asked and what permissions are about: alike in the control plane and in every gateway."""
