"""What the emulator draws: landscapes, motion, and the faults of a model's pictures."""
