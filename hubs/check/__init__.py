"""What would fail: asked before `pulumi up`, and what was deployed works: asked after. Nothing is changed anywhere."""
