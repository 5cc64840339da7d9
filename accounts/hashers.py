"""Password hashing that costs less. Only the test settings name it."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2PasswordHasher(Argon2PasswordHasher):
    """The product's hasher at its lowest cost."""

    time_cost = 1
    memory_cost = 1024
    parallelism = 1
