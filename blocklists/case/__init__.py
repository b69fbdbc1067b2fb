"""The rules that people act under, pure: rulings, reasons, who must agree, and where a case stands."""
