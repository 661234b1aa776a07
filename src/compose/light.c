// SPDX-License-Identifier: MIT
#include "compose/light.h"

#include "compose/colour.h"

#include <math.h>

#include <libavutil/mem.h>

enum { CODES = RL_GLOW_CODES, LIGHTS = RL_GLOW_LIGHTS, MOST = CODES - 1 };

void rl_light_init(struct rl_light *light, unsigned cpu)
{
    *light = (struct rl_light){0};
    rl_glow_init(&light->fns, cpu);
}

bool rl_format_is_light(enum relief_format format, bool linear)
{
    return format == RELIEF_FORMAT_WIMMER2 ||
           (linear && (format == RELIEF_FORMAT_ARCD || format == RELIEF_FORMAT_AGMD ||
                       format == RELIEF_FORMAT_AYBD));
}

// A coded value 0..1 -> light 0..1, of the curves that pictures come with.
static double light_of(double code, enum AVColorTransferCharacteristic transfer)
{
    switch (transfer) {
    case AVCOL_TRC_LINEAR:
        return code;
    case AVCOL_TRC_SMPTE2084: {
        // SMPTE ST 2084; 1 is 10,000 cd/m2.
        double power = pow(code, 1 / 78.84375);
        return pow(fmax(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power),
                   1 / 0.1593017578125);
    }
    case AVCOL_TRC_ARIB_STD_B67:
        // ARIB STD-B67, the scene's light.
        return code <= 0.5 ? code * code / 3
                           : (exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12;
    default:
        // IEC 61966-2-1: what screens of computers do, and near enough what televisions do.
        return code <= 0.04045 ? code / 12.92 : pow((code + 0.055) / 1.055, 2.4);
    }
}

static double code_of(double light, enum AVColorTransferCharacteristic transfer)
{
    switch (transfer) {
    case AVCOL_TRC_LINEAR:
        return light;
    case AVCOL_TRC_SMPTE2084: {
        double power = pow(light, 0.1593017578125);
        return pow((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power), 78.84375);
    }
    case AVCOL_TRC_ARIB_STD_B67:
        return light <= 1.0 / 12 ? sqrt(3 * light)
                                 : 0.17883277 * log(12 * light - 0.28466892) + 0.55991073;
    default:
        return light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
    }
}

static uint16_t scaled(double value, int most)
{
    return (uint16_t)lrint(fmin(fmax(value, 0), 1) * most);
}

static void set_matrix(struct rl_light *light, enum relief_format format)
{
    // The older red-cyan matrix, of coded values, is FFmpeg's; this one is for light.
    static const double red_cyan[3][6] = {{.437, .449, .164, -.011, -.032, -.007},
                                          {-.062, -.062, -.024, .377, .761, .009},
                                          {-.048, -.050, -.017, -.026, -.093, 1.234}};
    const int32_t(*coded)[6] = rl_anaglyph_matrix(format);
    for (int row = 0; row < 3; row++)
        for (int i = 0; i < 6; i++) {
            double factor = format == RELIEF_FORMAT_ARCD ? red_cyan[row][i]
                                                         : coded[row][i] / 65536.0;
            light->glow.matrix[row][i] = (int32_t)lrint(ldexp(factor, RL_GLOW_FRACTION));
        }
}

enum relief_status rl_light_prepare(struct rl_light *light, enum relief_format format,
                                    enum AVColorTransferCharacteristic transfer,
                                    struct relief_error *err)
{
    if (light->glow.to_code && light->transfer == transfer)
        return RELIEF_OK;
    if (!light->glow.to_code) {
        light->glow.to_light = av_calloc(CODES + RL_GLOW_BEHIND, sizeof *light->glow.to_light);
        light->glow.to_code = av_calloc(LIGHTS + RL_GLOW_BEHIND, sizeof *light->glow.to_code);
    }
    if (!light->glow.to_light || !light->glow.to_code)
        return rl_fail_memory(err);
    light->transfer = transfer;
    light->optimised = format == RELIEF_FORMAT_WIMMER2;
    if (light->optimised) {
        for (int i = 0; i < CODES; i++)
            light->glow.to_code[i] = scaled(pow((double)i / MOST, 1 / 1.6), MOST);
        return RELIEF_OK;
    }
    set_matrix(light, format);
    for (int i = 0; i < CODES; i++)
        light->glow.to_light[i] = scaled(light_of((double)i / MOST, transfer), LIGHTS - 1);
    for (int i = 0; i < LIGHTS; i++)
        light->glow.to_code[i] = scaled(code_of((double)i / (LIGHTS - 1), transfer), MOST);
    return RELIEF_OK;
}

void rl_light_clear(struct rl_light *light)
{
    av_freep(&light->glow.to_light);
    av_freep(&light->glow.to_code);
}

void rl_light_row(const struct rl_light *light, uint16_t *const rgb[3], const uint16_t *const in[6],
                  int width)
{
    if (light->optimised)
        light->fns.lift(&light->glow, rgb, in, width);
    else
        light->fns.mix(&light->glow, rgb, in, width);
}
