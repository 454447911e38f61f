"""What guards a promise and who breaks it: clauses, divergences and cases, put together."""
