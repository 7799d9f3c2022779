"""Three parts of which two are needed, one repair crew: component-lifetimes per CPU-second of SimPy. Prints the rate and the version."""

import random
import sys
import time

try:
    import simpy
except ImportError:
    sys.exit(1)

LIFETIMES = 200_000
done = 0


def part(env, crew, draw):
    global done
    while True:
        yield env.timeout(draw.expovariate(1e-3))
        with crew.request() as turn:
            yield turn
            yield env.timeout(draw.expovariate(0.1))
        done += 1


draw = random.Random(7)
env = simpy.Environment()
crew = simpy.Resource(env, capacity=1)
for _ in range(3):
    env.process(part(env, crew, draw))
begun = time.process_time()
while done < LIFETIMES:
    env.step()
print(done / (time.process_time() - begun), simpy.__version__)
