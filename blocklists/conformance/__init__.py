"""The conformance pack: what any consumer of a feed must answer, and how a consumer in any language is asked."""
