"""The parts of server.py, one idea a file; what each is for stands at its top."""
