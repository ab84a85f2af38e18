"""Writes houses.csv: the heat that made-up houses need in a year.

    python3 examples/tabular_csv/data/houses.py > examples/tabular_csv/data/houses.csv

A steady-state balance: heat is lost through the envelope and by ventilation in proportion to the degree days, the sun and the
people give some back, and the heating has an efficiency. The standards of construction step down with the year. The noise is 6 % (log-normal),
and 4 % of the values of three columns are missing. Only the standard library is used, with a fixed seed."""
import math
import random
import sys

ROWS = 3000
random.seed(20261128)
EFFICIENCY = {"gas": 0.92, "oil": 0.85, "district": 0.97, "heat_pump": 3.2}


def conductance(year):
    """Mean U-value of the envelope in W/(m^2 K)."""
    steps = [(1950, 1.5), (1978, 1.2), (1995, 0.75), (2009, 0.5), (2030, 0.28)]
    return next(u for until, u in steps if year < until)


def row():
    area = round(math.exp(random.gauss(math.log(130), 0.35)))
    year = random.choice((random.randint(1900, 1949), random.randint(1950, 1994), random.randint(1995, 2024)))
    floors = random.choice((1, 2, 2, 2, 3))
    mean_temperature = round(random.gauss(9.5, 2.5), 1)
    occupants = random.choice((1, 2, 2, 3, 4, 4, 5))
    shares = (45, 15, 20, 20) if year < 2009 else (20, 0, 20, 60)
    heating = random.choices(tuple(EFFICIENCY), shares)[0]
    # A box: facade and roof and floor.
    footprint = area / floors
    envelope = 4 * math.sqrt(footprint) * 2.7 * floors + 2 * footprint
    degree_hours = 24 * 365 * max(18.5 - mean_temperature, 2) * 0.9
    losses = (conductance(year) * envelope + 0.34 * 0.5 * 2.6 * area) * degree_hours / 1000
    gains = 0.8 * (18 * area ** 0.9 + 550 * occupants)
    # Gains cannot be used beyond the losses: a smooth maximum.
    heat = 1500 * math.log1p(math.exp(min((losses - gains) / 1500, 30))) if losses - gains < 45000 else losses - gains
    water = 600 * occupants + 200
    energy = (heat + water) / EFFICIENCY[heating] * math.exp(random.gauss(0, 0.06))
    values = [area, year, floors, mean_temperature, occupants, heating, round(energy)]
    for column in (1, 3, 4):
        if random.random() < 0.04:
            values[column] = ""
    return values


out = sys.stdout
out.write("area_m2,year_built,floors,mean_temperature_c,occupants,heating,energy_kwh\n")
for _ in range(ROWS):
    out.write(",".join(map(str, row())) + "\n")
