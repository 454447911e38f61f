"""Cases that judge what is done with given bytes: they can judge a program in any language."""
