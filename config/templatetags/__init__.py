"""Template tags that every face shares: values (numbers, money, dates) and components."""
