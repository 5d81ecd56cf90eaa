"""What several services, or the gate and a service, must reckon alike: pure rules over the messages of contracts."""
