"""Names and words of people who do not exist."""

FIRST_NAMES = """
Aisha Alan Amara Anita Bryn Carol Chidi Daniel Dilys Eleanor Farah George Grace Hannah Ibrahim Ivy Jack
Jasmine Karen Kofi Laura Leon Maria Mohammed Nadia Oliver Patrick Priya Quentin Rosa Samuel Siobhan Tariq
Tomasz Una Victor Wen Yusuf Zoe
""".split()

LAST_NAMES = """
Abbott Ahmed Baker Begum Carter Chen Clarke Davies Evans Fletcher Ghosh Green Hughes Iqbal Jones Kaur Kowalski
Lewis Mensah Murphy Nguyen O'Connor Okafor Osei Patel Price Quinn Roberts Shah Singh Taylor Turner Unwin
Vaughan Walsh Young
""".split()

AGENTS = [
    ("Ridge & Furrow Architects", "Helen", "Marsh"),
    ("Plumb Line Design", "Omar", "Siddiqui"),
    ("Stone and Beam Ltd", "Peter", "Lovell"),
    ("Chalk Hill Planning", "Ngozi", "Eze"),
    ("Orchard Drawing Office", "Lucy", "Fairweather"),
]

# (sentiment, topics, words). Some hold what must not be published, so that there is something to redact.
COMMENTS = [
    (
        "objection",
        ["light"],
        "The extension will take the afternoon sun from our kitchen from October to March. We ask the "
        "council to look at the 45 degree line from our window, which the drawings do not show.",
    ),
    (
        "objection",
        ["privacy", "design"],
        "The new side window looks straight into our bathroom. Please ask for obscured glass. You can "
        "ring me on 07700 900123 if you want to see it from our side.",
    ),
    (
        "objection",
        ["traffic"],
        "Parking on this street is already impossible after six. The builders' van, KX19 ABC, has blocked "
        "the turning head twice this week and work has not even been allowed yet.",
    ),
    (
        "objection",
        ["noise"],
        "My husband has been ill since his operation and is at home all day. We are worried about months "
        "of noise. Could the hours of work be limited?",
    ),
    (
        "objection",
        ["design"],
        "Too big for the plot. Every other house in the row has kept its rear building line and this "
        "would be twice as deep as any of them.",
    ),
    (
        "supportive",
        ["design"],
        "We live next door and have seen the drawings. It is well designed and we have no worries. Good luck to them.",
    ),
    (
        "supportive",
        ["use"],
        "A family needs the room. It cannot be seen from the street and it matches the house.",
    ),
    (
        "supportive",
        ["design", "other"],
        "I am glad that somebody is looking after this house at last. Write to me at "
        "j.neighbour@example.com if you need anything.",
    ),
    (
        "neutral",
        ["access"],
        "I do not object but please make sure that the shared path at the back stays open while the work "
        "is going on. It is our only way to the bins.",
    ),
    (
        "neutral",
        ["other"],
        "Please can somebody tell us when the work would start? Signed, A. and M. Fletcher",
    ),
]

# (who, sentiment, words)
CONSULTEES = [
    (
        "Highways",
        "neutral",
        "No objection. The access and the number of parking spaces do not change.",
    ),
    (
        "Conservation officer",
        "objection",
        "The rooflight on the front slope would harm the character of the conservation area. I would have "
        "no objection were it moved to the rear.",
    ),
    (
        "Tree officer",
        "neutral",
        "The root protection area of the beech shown as T2 is outside the foundations. A condition for "
        "protective fencing is advised.",
    ),
    (
        "Parish council",
        "supportive",
        "The parish council supports the application.",
    ),
]
