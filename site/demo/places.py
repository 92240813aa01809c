"""Streets of the demonstration council, with a place on the map for each house. None of them exists."""

import math
import random
from dataclasses import dataclass

METRES_PER_DEGREE = 111_320


@dataclass(frozen=True)
class Street:
    name: str
    town: str
    postcode: str
    ward: str
    latitude: float
    longitude: float
    usrn: str


STREETS = [
    Street("Mill Lane", "Beaconsfield", "HP9 2LX", "Beaconsfield", 51.6121, -0.6465, "35200811"),
    Street("Orchard Rise", "Beaconsfield", "HP9 1TQ", "Beaconsfield", 51.6068, -0.6390, "35200812"),
    Street("Station Parade", "Beaconsfield", "HP9 2PT", "Beaconsfield", 51.6113, -0.6437, "35200813"),
    Street("Wycombe End", "Beaconsfield", "HP9 1NB", "Beaconsfield Old Town", 51.6021, -0.6352, "35200814"),
    Street("Penn Road", "Knotty Green", "HP9 2TS", "Penn and Tylers Green", 51.6258, -0.6561, "35200815"),
    Street("Chalk Pit Lane", "Jordans", "HP9 2SW", "Seer Green", 51.6143, -0.5986, "35200816"),
    Street("School Lane", "Seer Green", "HP9 2QJ", "Seer Green", 51.6188, -0.6072, "35200817"),
    Street("Church Path", "Penn", "HP10 8NY", "Penn and Tylers Green", 51.6331, -0.6796, "35200818"),
    Street("Furlong Road", "Bourne End", "SL8 5AG", "The Wooburns", 51.5779, -0.7126, "35200819"),
    Street("Windmill Hill", "Coleshill", "HP7 0LZ", "Amersham", 51.6467, -0.6338, "35200820"),
    Street("Lock Bridge Road", "Bourne End", "SL8 5QR", "The Wooburns", 51.5745, -0.7098, "35200821"),
    Street("The Broadway", "Farnham Common", "SL2 3QH", "Farnham Common", 51.5586, -0.6104, "35200822"),
]


@dataclass(frozen=True)
class Place:
    street: Street
    number: int
    uprn: str
    latitude: float
    longitude: float
    boundary: dict  # GeoJSON Polygon

    @property
    def line(self) -> str:
        return f"{self.number} {self.street.name}, {self.street.town}"


def place(street: Street, number: int) -> Place:
    """The house with this number: the same every time, twelve metres from the next one."""
    chance = random.Random(f"{street.name} {number}")
    lean = math.radians(len(street.name) * 3)
    along, across = number * 6.0, (9 if number % 2 else -31)

    def at(x: float, y: float) -> list[float]:
        east = (along + x) * math.cos(lean) - (across + y) * math.sin(lean)
        north = (along + x) * math.sin(lean) + (across + y) * math.cos(lean)
        return [
            round(street.longitude + east / (METRES_PER_DEGREE * math.cos(math.radians(street.latitude))), 7),
            round(street.latitude + north / METRES_PER_DEGREE, 7),
        ]

    corners = [at(0, 0), at(11.4, 0), at(11.4 + chance.random(), 24), at(5.5, 25 + chance.random() * 3), at(0, 24)]
    longitude, latitude = at(5.7, 9)
    return Place(
        street=street,
        number=number,
        uprn=str(100_080_000_000 + STREETS.index(street) * 10_000 + number),
        latitude=latitude,
        longitude=longitude,
        boundary={"type": "Polygon", "coordinates": [[*corners, corners[0]]]},
    )
