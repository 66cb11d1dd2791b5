export type { EtcdCredentials } from './authenticate.js';
export { etcdStorage, type EtcdStorageOptions, type EtcdTls } from './etcd-storage.js';
