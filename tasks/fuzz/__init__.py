"""The fuzzer: decode mutated goldens and record crashes, hangs, panics and unpickling.

``conformance.hostile`` has the seeds, mutations, targets and the corpus. ``strategies`` draws
inputs with hypothesis, ``forks`` decodes them in forks of a child, ``run`` counts outcomes,
``reduce`` minimises findings, ``signature`` identifies them, and ``guided`` runs atheris.
"""
