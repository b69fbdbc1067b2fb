"""The feed, the look-up, the intake and the status page over HTTP; TLS is a proxy's work."""
