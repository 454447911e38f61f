"""What the cases of several chapters share: samples, namesakes, canaries, levels, arrangements."""
