import { atLeast, type Version } from './profile.ts';

/** A name and the version that brought it; the order is the one of the newest version. */
type Dated = readonly [name: string, since: Version];

const SAMPLERS: readonly Dated[] = [
  ['euler', '2023-12'],
  ['euler_cfg_pp', '0.3.12'],
  ['euler_ancestral', '2023-12'],
  ['euler_ancestral_cfg_pp', '0.3.12'],
  ['heun', '2023-12'],
  ['heunpp2', '2023-12'],
  ['exp_heun_2_x0', '0.8.0'],
  ['exp_heun_2_x0_sde', '0.8.0'],
  ['dpm_2', '2023-12'],
  ['dpm_2_ancestral', '2023-12'],
  ['lms', '2023-12'],
  ['dpm_fast', '2023-12'],
  ['dpm_adaptive', '2023-12'],
  ['dpmpp_2s_ancestral', '2023-12'],
  ['dpmpp_2s_ancestral_cfg_pp', '0.3.12'],
  ['dpmpp_sde', '2023-12'],
  ['dpmpp_sde_gpu', '2023-12'],
  ['dpmpp_2m', '2023-12'],
  ['dpmpp_2m_cfg_pp', '0.3.12'],
  ['dpmpp_2m_sde', '2023-12'],
  ['dpmpp_2m_sde_gpu', '2023-12'],
  ['dpmpp_2m_sde_heun', '0.3.64'],
  ['dpmpp_2m_sde_heun_gpu', '0.3.64'],
  ['dpmpp_3m_sde', '2023-12'],
  ['dpmpp_3m_sde_gpu', '2023-12'],
  ['ddpm', '2023-12'],
  ['lcm', '2023-12'],
  ['ipndm', '0.3.12'],
  ['ipndm_v', '0.3.12'],
  ['deis', '0.3.12'],
  ['res_multistep', '0.3.12'],
  ['res_multistep_cfg_pp', '0.3.12'],
  ['res_multistep_ancestral', '0.3.64'],
  ['res_multistep_ancestral_cfg_pp', '0.3.64'],
  ['gradient_estimation', '0.3.64'],
  ['gradient_estimation_cfg_pp', '0.3.64'],
  ['er_sde', '0.3.64'],
  ['seeds_2', '0.3.64'],
  ['seeds_3', '0.3.64'],
  ['sa_solver', '0.3.64'],
  ['sa_solver_pece', '0.3.64'],
  ['ddim', '2023-12'],
  ['uni_pc', '2023-12'],
  ['uni_pc_bh2', '2023-12'],
];

const SCHEDULERS: Record<Version, readonly string[]> = {
  '2023-12': ['normal', 'karras', 'exponential', 'sgm_uniform', 'simple', 'ddim_uniform'],
  '0.3.12': [
    'normal',
    'karras',
    'exponential',
    'sgm_uniform',
    'simple',
    'ddim_uniform',
    'beta',
    'linear_quadratic',
    'kl_optimal',
  ],
  '0.3.64': [
    'simple',
    'sgm_uniform',
    'karras',
    'exponential',
    'ddim_uniform',
    'beta',
    'normal',
    'linear_quadratic',
    'kl_optimal',
  ],
  '0.8.0': [
    'simple',
    'sgm_uniform',
    'karras',
    'exponential',
    'ddim_uniform',
    'beta',
    'normal',
    'linear_quadratic',
    'kl_optimal',
  ],
};

export const samplersOf = (version: Version): readonly string[] =>
  SAMPLERS.filter(([, since]) => atLeast(version, since)).map(([name]) => name);

export const schedulersOf = (version: Version): readonly string[] => SCHEDULERS[version];
