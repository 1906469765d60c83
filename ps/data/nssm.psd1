# Known nssm.exe files, by SHA-256: several independent public records agree on each. Order: the newest first.
@{
    Version  = '2026-11-25'
    Binaries = @(
        @{ Sha256 = 'eee9c44c29c2be011f1f1e43bb8c3fca888cb81053022ec5a0060035de16d848'; Build = '2.24-101'; Bits = 64 }
        @{ Sha256 = '682f1025b4c410ae78b1c5bdc4de7ad315f2eff292c66947c13969930028c98d'; Build = '2.24-101'; Bits = 32 }
        @{ Sha256 = 'f689ee9af94b00e9e3f0bb072b34caaf207f32dcb4f5782fc9ca351df9a06c97'; Build = '2.24'; Bits = 64 }
        @{ Sha256 = '472232ca821b5c2ef562ab07f53638bc2cc82eae84cea13fbe674d6022b6481c'; Build = '2.24'; Bits = 32 }
        @{ Sha256 = 'a59705914c35c8f61b7052be375143c3b57c11060ee155d1678397051ce0d809'; Build = '2.23'; Bits = 64 }
    )
    # Parameters that a build has not. A build that is not listed has all.
    Lacks    = @{
        '2.23' = 'AppKillProcessTree', 'AppTimestampLog', 'AppRedirectHook'
        '2.24' = 'AppKillProcessTree', 'AppTimestampLog', 'AppRedirectHook'
    }
}
