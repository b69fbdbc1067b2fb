"""Other organisations' lists as recommendations: heard, shown as signals, answered; never entries."""
