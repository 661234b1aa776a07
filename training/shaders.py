# SPDX-License-Identifier: MIT
"""GLSL of the deferred renderer. All space is world space in metres; light is linear."""

SURFACE_VERTEX = """#version 330
uniform mat4 view_projection, model;
in vec3 position, normal, colour;
in vec2 uv;
out vec3 at, n, local, local_n, tint;
out vec2 st;
void main() {
    vec4 world = model * vec4(position, 1);
    at = world.xyz;
    n = mat3(model) * normal;
    local = position; local_n = normal; tint = colour; st = uv;
    gl_Position = view_projection * world;
}
"""

# Shared by every pass that must respect the holes of leaf and hair cards.
HOLES = """#version 330
uniform sampler2D base;
uniform int textured, masked;
in vec3 at, n, local, local_n, tint;
in vec2 st;
void cut_holes() { if (masked == 1 && texture(base, st).a < 0.5) discard; }
"""

GBUFFER = HOLES + """
uniform vec3 eye;
uniform vec2 material;          // roughness, metalness
uniform float swatch;           // > 0: base is box-projected, repeats per metre
layout(location = 0) out vec4 albedo_roughness;
layout(location = 1) out vec4 normal_metalness;
layout(location = 2) out vec4 place;
vec3 box_projected() {
    vec3 a = abs(local_n);
    vec2 q = a.y >= max(a.x, a.z) ? local.xz : (a.x >= a.z ? local.zy : local.xy);
    return texture(base, q * swatch).rgb;
}
void main() {
    cut_holes();
    vec3 albedo = tint;
    if (swatch > 0.0) albedo *= 0.25 + 1.1 * box_projected();
    else if (textured == 1) albedo *= texture(base, st).rgb;
    vec3 to_eye = eye - at, flat_n = normalize(cross(dFdx(at), dFdy(at)));
    vec3 shade_n = normalize(n);
    if (dot(flat_n, to_eye) < 0.0) flat_n = -flat_n;
    if (dot(shade_n, flat_n) < 0.0) shade_n = -shade_n;      // triangles are double sided
    albedo_roughness = vec4(min(albedo, 0.95), material.x);
    normal_metalness = vec4(shade_n, material.y);
    place = vec4(at, 1);
}
"""

Z_PASS = HOLES + """
uniform vec4 plane;             // z = dot(plane.xyz, at) + plane.w
out float z;
void main() { cut_holes(); z = dot(plane.xyz, at) + plane.w; }
"""

SHADOW = HOLES + """
void main() { cut_holes(); }
"""

# A compute shader, because data-centre cards run few units of the graphics pipeline. One call of it
# makes one pixel of the picture: the mean of its `fine` x `fine` samples, none brighter than 20.
SHADE = """#version 430
layout(local_size_x = 8, local_size_y = 8) in;
layout(rgba32f, binding = 0) writeonly uniform image2D result;
const int LIGHTS = 8;
uniform sampler2D albedo_roughness, normal_metalness, place, shadow, panorama;
uniform mat4 view_projection, sun_projection;
uniform vec3 eye, forward, right, up, sun_direction, sun_colour;
uniform vec3 harmonics[9], light_at[LIGHTS], light_colour[LIGHTS];
uniform vec2 half_view;         // tangents of half the field of view
uniform float yaw, shadow_texel, sky_gain, enclosed;
uniform ivec2 size;             // of the picture
uniform int lights, fine;

vec3 sky(vec3 d, float level) {
    float turn = (atan(d.x, -d.z) + yaw) / 6.2831853 + 0.5;
    vec2 q = vec2(fract(turn), acos(clamp(d.y, -1.0, 1.0)) / 3.1415927);
    return textureLod(panorama, q, level).rgb * sky_gain;
}
float hash(vec2 p) { return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453); }

// Share of a hemisphere of nearby samples that is not behind what the camera sees.
float openness(vec3 p, vec3 n, float turn) {
    vec3 t = normalize(cross(n, abs(n.y) < 0.9 ? vec3(0, 1, 0) : vec3(1, 0, 0))), b = cross(n, t);
    float radius = clamp(length(eye - p) * 0.12, 0.04, 1.2), hidden = 0.0;
    for (int i = 0; i < 16; i++) {
        float k = (float(i) + 0.5) / 16.0, a = turn + float(i) * 2.4, q = sqrt(k);
        vec3 d = t * cos(a) * q + b * sin(a) * q + n * sqrt(1.0 - k);
        vec3 s = p + n * radius * 0.03 + d * radius * (0.15 + 0.85 * fract(k * 7.3));
        vec4 c = view_projection * vec4(s, 1);
        vec4 seen = texture(place, c.xy / c.w * 0.5 + 0.5);
        float behind = length(s - eye) - length(seen.xyz - eye);
        if (seen.w > 0.5 && behind > 0.01 * radius)
            hidden += smoothstep(3.0 * radius, radius, behind);
    }
    return pow(1.0 - hidden / 16.0, 1.3);
}
float sun_visibility(vec3 p, vec3 n, float turn) {
    vec4 c = sun_projection * vec4(p + n * shadow_texel * 2.0, 1);
    vec3 q = c.xyz * 0.5 + 0.5;
    if (any(greaterThan(abs(q - 0.5), vec3(0.5)))) return 1.0;
    float lit = 0.0;
    for (int i = 0; i < 12; i++) {
        float a = turn + float(i) * 2.4, r = sqrt((float(i) + 0.5) / 12.0) * 0.0022;
        lit += step(q.z - 0.0015, texture(shadow, q.xy + vec2(cos(a), sin(a)) * r).r);
    }
    return lit / 12.0;
}
vec3 irradiance(vec3 n) {
    vec3 bent = harmonics[1] * n.y + harmonics[2] * n.z + harmonics[3] * n.x;
    vec3 second = harmonics[4] * n.x * n.y + harmonics[5] * n.y * n.z
        + harmonics[6] * (3.0 * n.z * n.z - 1.0)
        + harmonics[7] * n.x * n.z + harmonics[8] * (n.x * n.x - n.y * n.y);
    return max(harmonics[0] + (1.0 - 0.6 * enclosed) * (bent + second), 0.0) * sky_gain;
}
// Diffuse and GGX light from one direction; f0 is the reflectance at normal incidence.
vec3 reflected(vec3 n, vec3 v, vec3 l, vec3 diffuse, vec3 f0, float roughness) {
    float nl = max(dot(n, l), 0.0), nh = max(dot(n, normalize(l + v)), 0.0);
    float m = max(roughness, 0.2); m *= m;
    float d = m * m / (3.1416 * pow(nh * nh * (m * m - 1.0) + 1.0, 2.0));
    return (diffuse / 3.1416 + f0 * min(d * 0.25, 4.0)) * nl;
}
vec3 shaded(vec2 at) {
    vec2 screen = at / vec2(size * fine);
    vec3 d = normalize(forward + (screen.x * 2.0 - 1.0) * half_view.x * right
                               + (screen.y * 2.0 - 1.0) * half_view.y * up);
    vec4 p = texture(place, screen);
    if (p.w < 0.5) return sky(d, 0.0);
    vec4 surface = texture(albedo_roughness, screen), nm = texture(normal_metalness, screen);
    vec3 n = normalize(nm.xyz), v = -d;
    float turn = hash(at) * 6.2832, open = openness(p.xyz, n, turn), rough = surface.a;
    vec3 diffuse = surface.rgb * (1.0 - nm.w), f0 = mix(vec3(0.04), surface.rgb, nm.w);
    vec3 light = diffuse * irradiance(n) * open / 3.1416;
    light += reflected(n, v, sun_direction, diffuse, f0, rough) * sun_colour * sky_gain
           * sun_visibility(p.xyz, n, turn);
    for (int i = 0; i < lights; i++) {
        vec3 way = light_at[i] - p.xyz;
        light += reflected(n, v, normalize(way), diffuse, f0, rough) * light_colour[i] * open
               / (dot(way, way) + 0.01);
    }
    vec3 grazing = f0 + (max(vec3(1.0 - rough), f0) - f0) * pow(1.0 - max(dot(n, v), 0.0), 5.0);
    float level = max(1.0 + rough * 6.0, 6.0 * enclosed);
    light += grazing * sky(reflect(d, n), level) * open * open * (1.0 - 0.6 * rough);
    return light;
}
void main() {
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    if (any(greaterThanEqual(at, size))) return;
    vec3 sum = vec3(0);
    for (int i = 0; i < fine * fine; i++) {
        vec3 one = shaded(vec2(at * fine + ivec2(i % fine, i / fine)) + 0.5);
        sum += any(isnan(one)) ? vec3(0) : clamp(one, 0.0, 20.0);
    }
    imageStore(result, at, vec4(sum / float(fine * fine), 1));
}
"""
