// SPDX-License-Identifier: MIT
#include "scene.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

struct vec {
    double x, y, z;
};

struct ball {
    struct vec centre;
    double radius;
    struct colour colour;
};

enum { BALL_COUNT = 3 };

static const double PI = 3.14159265358979;
static const struct vec SUN = {-0.45, 0.72, -0.53};  // unit length, towards the sun
static const struct colour SKY_LOW = {0.98f, 0.84f, 0.70f}, SKY_HIGH = {0.30f, 0.50f, 0.82f};

static struct vec along(struct vec from, struct vec direction, double distance)
{
    return (struct vec){from.x + direction.x * distance, from.y + direction.y * distance,
                        from.z + direction.z * distance};
}

static double dot(struct vec a, struct vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static struct colour mix(struct colour a, struct colour b, double t)
{
    float s = (float)(t < 0 ? 0 : t > 1 ? 1 : t);
    return (struct colour){a.r + (b.r - a.r) * s, a.g + (b.g - a.g) * s, a.b + (b.b - a.b) * s};
}

static struct colour scaled(struct colour c, double by)
{
    return mix((struct colour){0, 0, 0}, c, by);
}

double scene_bounce(double seconds)
{
    double t = seconds - floor(seconds);
    return 4 * t * (1 - t);
}

static void place_balls(struct ball *balls, double seconds)
{
    balls[0] = (struct ball){
        {-1.1, 0.55 + 1.2 * scene_bounce(seconds), 3.4}, 0.55, {0.90f, 0.25f, 0.18f}};
    balls[1] = (struct ball){{1.5, 1.0, 5.5}, 1.0, {0.20f, 0.55f, 0.75f}};
    balls[2] = (struct ball){{2.2 * cos(seconds * PI / 4) - 1, 1.3, 9 + 2 * sin(seconds * PI / 4)},
                             1.3,
                             {0.93f, 0.75f, 0.25f}};
}

// Distance along the ray to the ball, or a negative number.
static double hit_ball(const struct ball *ball, struct vec from, struct vec direction)
{
    struct vec to = along(ball->centre, from, -1);
    double middle = dot(to, direction);
    double inside = ball->radius * ball->radius - dot(to, to) + middle * middle;
    return inside < 0 ? -1 : middle - sqrt(inside);
}

static const struct ball *nearest_ball(const struct ball *balls, struct vec from,
                                       struct vec direction, double *distance)
{
    const struct ball *nearest = NULL;
    for (int i = 0; i < BALL_COUNT; i++) {
        double d = hit_ball(&balls[i], from, direction);
        if (d > 1e-6 && d < *distance) {
            *distance = d;
            nearest = &balls[i];
        }
    }
    return nearest;
}

static double light_at(const struct ball *balls, struct vec point, struct vec normal)
{
    double far_away = 1e9;
    double lambert = dot(normal, SUN);
    if (lambert <= 0 || nearest_ball(balls, along(point, normal, 1e-4), SUN, &far_away))
        return 0.35;
    return 0.35 + 0.65 * lambert;
}

static struct colour sky(struct vec direction)
{
    return mix(SKY_LOW, SKY_HIGH, direction.y * 2.2);
}

static struct colour floor_colour(struct vec point)
{
    bool dark = (((long)floor(point.x) + (long)floor(point.z)) & 1) != 0;
    // A fine grain on top, so that every place of the floor can be told from its neighbours.
    double grain = 0.06 * sin(point.x * 23.1) * sin(point.z * 19.7);
    double grey = (dark ? 0.36 : 0.78) + grain;
    return (struct colour){(float)grey, (float)(grey * 0.95), (float)(grey * 0.86)};
}

static struct colour trace(const struct ball *balls, struct vec from, struct vec direction)
{
    double distance = 60;
    const struct ball *ball = nearest_ball(balls, from, direction, &distance);
    double down = direction.y < 0 ? -from.y / direction.y : 1e9;
    struct vec normal = {0, 1, 0};
    struct colour colour;
    if (!ball && down > 60)
        return sky(direction);
    if (ball && distance < down) {
        struct vec point = along(from, direction, distance);
        normal = along((struct vec){0, 0, 0}, along(point, ball->centre, -1), 1 / ball->radius);
        colour = scaled(ball->colour, light_at(balls, point, normal));
    } else {
        struct vec point = along(from, direction, down);
        distance = down;
        colour = scaled(floor_colour(point), light_at(balls, point, normal));
    }
    return mix(colour, SKY_LOW, distance / 60);  // haze
}

struct colour scene_pixel(int x, int y, int width, int height, double seconds)
{
    struct ball balls[BALL_COUNT];
    struct vec eye = {0.6 * sin(seconds * PI / 2), 1.5, 0};
    struct colour sum = {0, 0, 0};
    place_balls(balls, seconds);
    for (int i = 0; i < 4; i++) {  // four rays a pixel, against stairs
        double sx = x + 0.25 + 0.5 * (i & 1), sy = y + 0.25 + 0.5 * (i >> 1);
        struct vec direction = {(2 * sx - width) / width, (height - 2 * sy) / width - 0.08, 1.1};
        double length = sqrt(dot(direction, direction));
        struct colour c = trace(balls, eye, along((struct vec){0, 0, 0}, direction, 1 / length));
        sum = (struct colour){sum.r + c.r / 4, sum.g + c.g / 4, sum.b + c.b / 4};
    }
    return sum;
}
