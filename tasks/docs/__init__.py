"""Write the generated parts of README.md and docs/ from the code, so that they stay true."""
