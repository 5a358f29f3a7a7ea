"""What is measured of pictures: readings, colours, defects, motion."""
