"""longtake: write a storyboard, get a film."""
