"""Time-dependent BdG: iħ ∂ρ/∂t = [H(ρ, t), ρ], with all mean fields following at every instant.

A self-consistent state is what time starts from: its density matrix ρ = f(H), as orbitals with weights
(:mod:`.orbitals`). What changes with time is a drive (:mod:`.drives`); the mean fields are made of ρ(t) by
the same interactions as in the loop (:mod:`.mean_fields`). A step is the Magnus expansion of fourth order
(:mod:`.magnus`), its length follows from two estimates of the error (:mod:`.propagation`).
"""
