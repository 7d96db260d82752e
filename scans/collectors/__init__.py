"""Reading a host: sessions in, facts out."""
