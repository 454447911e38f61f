"""Find releases that the version table lacks, and judge them."""
