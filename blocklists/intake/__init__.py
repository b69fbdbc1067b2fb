"""What comes from outside: reports and appeals, which raise cases and never an entry."""
