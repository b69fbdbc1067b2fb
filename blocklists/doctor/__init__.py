"""What an operator gets wrong: each check looks at one thing and says what it found, where, and what to do."""
