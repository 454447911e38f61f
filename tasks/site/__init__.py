"""The site: guides, specification, findings, grid and costs, as ``nox -s docs`` builds them."""
