"""Small things that several rooms need: atomic writes, file locks, installed versions."""
