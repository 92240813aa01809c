"""Messages on their way: written as rows, handed to GOV.UK Notify, followed until they have arrived."""
