"""Other processes: started once, asked often, ended with all that they started."""
