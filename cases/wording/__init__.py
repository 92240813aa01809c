"""Words and figures: how two texts differ, what of a person they tell, how a number is written."""
