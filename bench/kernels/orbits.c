// build: clang -O2 -nostdlib -Wl,--no-entry
// Moves bodies that attract each other, in double precision with square roots, by the leapfrog method.
// Character: floating point with divides and roots, long latency chains. n: steps for 6 bodies.
#include <stdint.h>
#define EXPORT(name) __attribute__((export_name(#name)))

enum { BODIES = 6 };
typedef struct {
  double x, y, z, vx, vy, vz, mass;
} body;
static body bodies[BODIES];

static void step(double dt) {
  for (int i = 0; i < BODIES; i++) {
    for (int j = i + 1; j < BODIES; j++) {
      body *a = &bodies[i];
      body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double square = dx * dx + dy * dy + dz * dz;
      double force = dt / (square * __builtin_sqrt(square));
      a->vx -= dx * b->mass * force;
      a->vy -= dy * b->mass * force;
      a->vz -= dz * b->mass * force;
      b->vx += dx * a->mass * force;
      b->vy += dy * a->mass * force;
      b->vz += dz * a->mass * force;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    bodies[i].x += bodies[i].vx * dt;
    bodies[i].y += bodies[i].vy * dt;
    bodies[i].z += bodies[i].vz * dt;
  }
}

static double energy(void) {
  double sum = 0;
  for (int i = 0; i < BODIES; i++) {
    body *a = &bodies[i];
    sum += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int j = i + 1; j < BODIES; j++) {
      double dx = a->x - bodies[j].x, dy = a->y - bodies[j].y, dz = a->z - bodies[j].z;
      sum -= a->mass * bodies[j].mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

// A heavy sun and light planets, each on a circle: speed is the root of the sun's mass over the radius.
static void arrange(void) {
  for (int i = 0; i < BODIES; i++) bodies[i] = (body){0};
  bodies[0].mass = 100;
  for (int i = 1; i < BODIES; i++) {
    double radius = i * 2.0;
    double speed = __builtin_sqrt(100 / radius);
    bodies[i].mass = 0.001 * i;
    bodies[i].x = (i & 1) != 0 ? radius : -radius;
    bodies[i].vy = (i & 1) != 0 ? speed : -speed;
    bodies[i].z = 0.01 * i;
  }
}

// 0, or the number of the first known answer that is missed: energy is kept.
EXPORT(selftest) int32_t selftest(void) {
  arrange();
  double before = energy();
  for (int i = 0; i < 2000; i++) step(0.001);
  double change = (energy() - before) / before;
  return __builtin_fabs(change) < 1e-4 ? 0 : 1;
}

EXPORT(run) int32_t run(int32_t n) {
  arrange();
  for (int32_t i = 0; i < n; i++) step(0.001);
  return (int32_t)(energy() * 1e6) ^ (int32_t)(bodies[1].x * 1e6);
}

// What the benchmarks interrupt with.
static volatile uint32_t interrupts;
EXPORT(IRQ0_Handler) void on_interrupt(void) { interrupts++; }
